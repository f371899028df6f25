-- What is known of songs; plays are those of training.

SELECT id AS song, song AS number, * EXCLUDE (song, id, search)
FROM songs
ORDER BY number
