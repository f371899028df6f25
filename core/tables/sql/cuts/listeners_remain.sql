-- Listeners with plays that no cut so far has taken.

SELECT count(*) FROM stage.listener_counts AS c JOIN stage.listeners AS l ON l.key = c.listener AND l.cut IS NULL;
