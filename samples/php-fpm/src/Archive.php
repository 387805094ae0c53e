<?php

declare(strict_types=1);

/** A zip file that two requests never write at once. */
final class Archive
{
    public function __construct(private readonly string $path)
    {
    }

    /** @param array<string, string> $files */
    public function write(array $files): void
    {
        $lock = sem_get(ftok(__FILE__, 'a'));
        sem_acquire($lock);
        try {
            $zip = new ZipArchive();
            if ($zip->open($this->path, ZipArchive::CREATE | ZipArchive::OVERWRITE) !== true) {
                throw new RuntimeException('the archive cannot be written');
            }
            foreach ($files as $name => $text) {
                $zip->addFromString($name, $text);
            }
            if (!$zip->close()) {
                throw new RuntimeException('the archive cannot be closed');
            }
        } finally {
            sem_release($lock);
        }
    }

    /** @return list<string> */
    public function names(): array
    {
        $zip = new ZipArchive();
        $zip->open($this->path, ZipArchive::RDONLY);
        $names = [];
        for ($i = 0; $i < $zip->numFiles; $i++) {
            $names[] = $zip->getNameIndex($i);
        }
        return $names;
    }
}
