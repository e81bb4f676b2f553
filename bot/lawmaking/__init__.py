"""What moderators do about a policy, whether by a command, a button or on the console."""
