<?php

declare(strict_types=1);

require __DIR__ . '/../src/Ledger.php';

if ($argc < 2) {
    fwrite(STDERR, "usage: ledger FILE...\n");
    exit(2);
}

$ledger = new Ledger();
foreach (array_slice($argv, 1) as $file) {
    $lines = @file($file, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES);
    if ($lines === false) {
        fwrite(STDERR, "$file cannot be read\n");
        exit(1);
    }
    foreach ($lines as $line) {
        [$account, $amount] = str_getcsv($line);
        $ledger->add($account, $amount);
    }
}

foreach ($ledger->accounts() as $account => $sum) {
    printf("%-10s %s\n", $account, $sum);
}
printf("%-10s %s\n", 'balance', $ledger->balance());
