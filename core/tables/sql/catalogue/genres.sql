SELECT code, name, count(*) AS songs
FROM (SELECT unnest(genres) AS code, unnest(genre_names) AS name FROM songs)
GROUP BY code, name
ORDER BY songs DESC, code
