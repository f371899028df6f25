-- How much each listener had played before a split.

SELECT l.id, count(p.listener) FILTER (p.split < $split::split) AS plays
FROM listeners AS l LEFT JOIN plays AS p ON p.listener = l.listener
GROUP BY l.listener, l.id
ORDER BY l.listener
