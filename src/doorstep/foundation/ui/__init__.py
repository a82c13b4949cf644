"""The base page, components, formats, elder mode, and the slots by which mechanisms show themselves on other pages."""
