-- Those who have a song among their training plays, the most active ones first.
SELECT DISTINCT listener FROM plays WHERE song = ? AND split = 'train' ORDER BY listener
