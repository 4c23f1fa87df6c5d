"""What must hold when every service has several machines, behind one address and a pooler."""
