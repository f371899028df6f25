INSERT INTO plays
SELECT l.number, p.position, s.number, c.behaviour, c.screen, c.source, p.repeated, p.split
FROM stage.split_plays AS p
JOIN stage.song_numbers AS s ON s.key = p.song
JOIN stage.listener_numbers AS l ON l.key = p.listener
LEFT JOIN stage.contexts AS c ON c.context = p.context
ORDER BY l.number, p.position;
