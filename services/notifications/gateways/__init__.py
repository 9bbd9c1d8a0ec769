"""The world outside that notifications speaks to: the mail server."""
