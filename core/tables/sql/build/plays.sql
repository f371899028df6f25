INSERT INTO plays
SELECT l.number, p.position, s.number, p.behaviour, p.screen, p.source, p.repeated, p.split
FROM stage.split_plays AS p
JOIN stage.song_numbers AS s ON s.key = p.song
JOIN stage.listener_numbers AS l ON l.key = p.listener
ORDER BY l.number, p.position;
