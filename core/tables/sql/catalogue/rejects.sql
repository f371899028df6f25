SELECT file, line, "column", reason, text FROM rejects ORDER BY rowid LIMIT ?
