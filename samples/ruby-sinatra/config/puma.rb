threads 1, 5
bind "tcp://0.0.0.0:9292"
