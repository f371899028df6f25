-- What slices of held-out songs go by, of some songs.

SELECT id, song, language, genre_names FROM songs SEMI JOIN (SELECT unnest($ids) AS id) USING (id)
