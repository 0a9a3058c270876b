"""The shapes of the web application's tutorial tables: declared, and recognised in a database."""
