SELECT
    listener, id, age, gender, city, registered_via, registered, expires, title, tags, likes, updated, plays
FROM listeners
