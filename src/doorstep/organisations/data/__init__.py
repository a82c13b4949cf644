"""Data of 组织共建: the seats of a council, and the names of its codes."""
