<?php

declare(strict_types=1);

/** Sums of accounts, exact to four digits. */
final class Ledger
{
    private const DIGITS = 4;

    /** @var array<string, numeric-string> */
    private array $sums = [];

    public function add(string $account, string $amount): void
    {
        $this->sums[$account] = bcadd($this->sums[$account] ?? '0', $amount, self::DIGITS);
    }

    /** @return array<string, numeric-string> */
    public function accounts(): array
    {
        ksort($this->sums);
        return $this->sums;
    }

    public function balance(): string
    {
        return array_reduce($this->sums, fn ($all, $sum) => bcadd($all, $sum, self::DIGITS), '0');
    }
}
