print("hello from the hull")
