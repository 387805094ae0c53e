FROM localhost/stand-in/debian-trixie
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3-pip unzip
