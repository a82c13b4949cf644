"""What to call a browser in a list of one's devices: its family and its system, nothing that tells two phones of one kind apart."""

FAMILIES = (
    ("MicroMessenger", "微信"),
    ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"),
    ("UCBrowser", "UC"),
    ("QQBrowser", "QQ"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_name(user_agent: str) -> str:
    """Chrome · Android; "" where neither is known."""
    parts = [next((name for sign, name in table if sign in user_agent), "") for table in (FAMILIES, SYSTEMS)]
    return " · ".join(part for part in parts if part)
