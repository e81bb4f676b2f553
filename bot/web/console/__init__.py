"""The console: pages in a browser for whoever runs the bot, and for moderators who sign in."""
