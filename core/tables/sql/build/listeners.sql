-- `search` holds the fields line by line and the items of a list between tabs, so that a filter can find its own.

INSERT INTO listeners
SELECT
    n.number, l.id, l.age, l.gender, l.city, l.registered_via, l.registered, l.expires, l.title, l.tags, l.likes, l.updated,
    n.plays, folded(concat_ws(chr(10), coalesce(l.title, ''), array_to_string(l.tags, chr(9)), l.id))
FROM stage.listeners AS l JOIN stage.listener_numbers AS n ON n.key = l.key
ORDER BY n.number;
