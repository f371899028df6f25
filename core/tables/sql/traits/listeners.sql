-- What slices of listeners go by.

SELECT id, age, gender, city FROM listeners ORDER BY listener
