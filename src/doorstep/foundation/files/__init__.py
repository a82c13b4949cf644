"""Photos (scans and voice messages later): sniffed, bounded, stripped of metadata, served only through authorised addresses."""
