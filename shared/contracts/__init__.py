"""The published language: envelope, topics, code lists, one model an event; all else is generated from here."""
