<?php

declare(strict_types=1);

// Asks the pool for the front page, as a web server would. A pool that is just starting gets ten seconds.

require __DIR__ . '/../src/FastCgi.php';

for ($try = 0; ; $try++) {
    $answer = FastCgi::get('127.0.0.1', 9000, '/var/www/html/public/index.php');
    if ($answer !== null || $try === 20) {
        break;
    }
    usleep(500_000);
}
echo $answer ?? "nobody answers\n";
exit($answer !== null && str_contains($answer, '"files":["tide.txt"') ? 0 : 1);
