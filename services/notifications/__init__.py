"""Notifications: tells people what pathways found, by e-mail.

Knows recipients and deliveries. Hears `pathways.findings`. Says `notifications.deliveries`.
"""
