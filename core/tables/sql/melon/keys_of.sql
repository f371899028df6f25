-- What the first record of a JSON list is, and the names that it goes by.

SELECT json_type(json), json_keys(json) FROM read_json_objects(getvariable('path'), format = 'array') LIMIT 1;
