-- What is known of listeners, without their plays, as those of all splits are counted.

SELECT id AS listener, listener AS number, * EXCLUDE (listener, id, search, plays)
FROM listeners
ORDER BY number
