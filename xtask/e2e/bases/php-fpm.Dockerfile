FROM localhost/stand-in/php-tree AS tree
FROM localhost/stand-in/php-8.2
RUN apt-get update && apt-get install -y --no-install-recommends libacl1 libapparmor1 libsystemd0 && rm -rf /var/lib/apt/lists/*
COPY --from=tree /fpm/ /
WORKDIR /var/www/html
STOPSIGNAL SIGQUIT
EXPOSE 9000
CMD ["php-fpm"]
