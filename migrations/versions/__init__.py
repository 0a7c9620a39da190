"""The steps, oldest first. A step is a document: once released it is never edited."""
