<?php

declare(strict_types=1);

require __DIR__ . '/../src/Archive.php';

$notes = [
    'tide.txt' => "High water 06:12, 18:40\n",
    'wind.txt' => "South-west 4, rising\n",
];

header('Content-Type: application/json');
try {
    $archive = new Archive(__DIR__ . '/../var/notes.zip');
    $archive->write($notes);
    echo json_encode(['zone' => date_default_timezone_get(), 'files' => $archive->names()]), "\n";
} catch (RuntimeException $e) {
    http_response_code(500);
    echo json_encode(['error' => $e->getMessage()]), "\n";
}
