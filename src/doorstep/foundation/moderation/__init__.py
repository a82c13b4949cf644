"""What neighbours object to: complaints, the moderators' queue, hidden texts with their reason, appeals. The original is kept."""
