"""The rules of notifications: what is worth telling, who is told, in which words, and when it is tried again."""
