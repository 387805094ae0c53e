from feeds import create_app

application = create_app()
