<?php

declare(strict_types=1);

require __DIR__ . '/../src/Guestbook.php';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$book = new Guestbook('/var/lib/guestbook/entries.sqlite');

if ($path === '/health') {
    header('Content-Type: text/plain');
    echo $book->isEmpty() ? "empty\n" : "ok\n";
    exit;
}
if ($path !== '/') {
    http_response_code(404);
    echo "no such page\n";
    exit;
}
if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $book->add((string) ($_POST['name'] ?? ''), (string) ($_POST['text'] ?? ''));
    header('Location: /', true, 303);
    exit;
}
?>
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Guests</title><link rel="stylesheet" href="/style.css"></head>
<body>
<h1>Guests</h1>
<?php foreach ($book->entries() as $entry): ?>
<p><b><?= htmlspecialchars($entry['name']) ?></b> <?= htmlspecialchars($entry['text']) ?></p>
<?php endforeach ?>
<form method="post"><input name="name"> <input name="text"> <button>Sign</button></form>
</body>
</html>
