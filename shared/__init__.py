"""What two services need, each concern one module."""
