-- The names that the first record of a JSON list goes by.

SELECT unnest(json_keys(json))
FROM (SELECT json FROM read_json_objects(getvariable('path'), format = 'array') LIMIT 1);
