<?php

declare(strict_types=1);

/** The entries, in a database of one file that the first visitor makes. */
final class Guestbook
{
    private PDO $database;

    public function __construct(string $path)
    {
        $this->database = new PDO("sqlite:$path");
        $this->database->exec('CREATE TABLE IF NOT EXISTS entries (name TEXT NOT NULL, text TEXT NOT NULL)');
        if ($this->isEmpty()) {
            $this->add('the keeper', 'Welcome to the lighthouse.');
        }
    }

    public function add(string $name, string $text): void
    {
        $this->database->prepare('INSERT INTO entries VALUES (?, ?)')->execute([$name, $text]);
    }

    /** @return list<array{name: string, text: string}> */
    public function entries(): array
    {
        return $this->database->query('SELECT name, text FROM entries')->fetchAll(PDO::FETCH_ASSOC);
    }

    public function isEmpty(): bool
    {
        return $this->database->query('SELECT count(*) FROM entries')->fetchColumn() === 0;
    }
}
