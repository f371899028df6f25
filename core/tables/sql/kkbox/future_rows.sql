DROP TABLE stage.future_lines;

ALTER TABLE stage.read_lines RENAME TO future_lines;
