-- Every genre that any of these songs bears.
SELECT DISTINCT unnest(genre_names) FROM songs WHERE song IN (SELECT unnest(?))
