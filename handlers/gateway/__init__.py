"""The one door to the private services: it checks who asks and hands the request on."""
