"""What two services need."""
