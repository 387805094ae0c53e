apt-get update
---
sudo -E -u "$USER" A=b env -i C=d apt-get install x
---
sudo -nH --user=root -- apt-get update
---
sudo -v
---
/usr/bin/env -u A -C /x node app.js
---
env
---
env -S "a b"
---
exec -a name gosu "$USER" "$@"
---
exec >log
---
command -v curl
---
command curl x
---
builtin cd x
---
nohup nice -n 10 ionice -c 3 time timeout -s KILL --kill-after 5 30s stdbuf -oL setsid -w a b
---
nice -5 a
---
timeout -t 5 a b
---
timeout --signal="$S" "$T" a
---
xargs -0 -n1 -P 4 -I{} rm -f {}
---
xargs
---
chroot --userspec=u:g /mnt apt-get update
---
su - postgres -c "psql -c 'select 1'"
---
su postgres
---
su -s /bin/bash -c 'a b' www-data
---
runuser -u app -- a b
---
runuser -l app -c 'a b'
---
su-exec app:app a
---
setpriv --reuid=app --regid app --init-groups a b
---
tini -g -- a b
---
/usr/bin/tini -p SIGTERM a
---
dumb-init --rewrite 15:3 -- a
---
catatonit -- a
---
eatmydata a
---
fakeroot -s x -- a
---
unbuffer -p a
---
find . -name "*.sh" -exec chmod +x {} \; -exec sh -c 'a "$1"' _ {} \;
---
find . -type f -execdir rm {} +
---
find . -delete
---
sh -c 'a && b'
---
bash -euxo pipefail -lc "a \"b\" \$c"
---
bash -o errexit --norc -c a
---
bash -c "a $b"
---
sh -c "$CMD"
---
sh install.sh
---
sh -s -- -y
---
busybox sh -c 'a'
---
busybox wget x
---
busybox --install -s
---
eval "a b" 'c'
---
eval "$(ssh-agent)"
---
eval $x*
---
. ./lib.sh
---
pwsh -c a
---
sudo sh -c "sh -c 'a b'"
---
doas -u x a
---
numactl --interleave=all mongod
---
xvfb-run -a -s "-screen 0" a
---
$x a
