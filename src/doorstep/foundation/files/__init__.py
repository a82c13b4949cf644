"""Photos, scans and voice messages: sniffed, bounded, stripped of metadata, served only through authorised addresses."""
