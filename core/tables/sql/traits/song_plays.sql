-- Training plays of all songs, falling.

SELECT plays FROM songs ORDER BY song
