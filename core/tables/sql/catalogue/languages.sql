SELECT language, count(*) AS songs
FROM songs
WHERE language IS NOT NULL
GROUP BY language
ORDER BY songs DESC, language
