<?php

declare(strict_types=1);

/** As much of FastCGI as one request takes. */
final class FastCgi
{
    private const BEGIN = 1;
    private const PARAMS = 4;
    private const STDIN = 5;
    private const STDOUT = 6;

    /** What the script answers, headers included; nothing if nobody listens. */
    public static function get(string $host, int $port, string $script): ?string
    {
        $socket = @fsockopen($host, $port, timeout: 2);
        if ($socket === false) {
            return null;
        }
        $params = '';
        foreach (['REQUEST_METHOD' => 'GET', 'SCRIPT_FILENAME' => $script, 'SCRIPT_NAME' => '/index.php'] as $name => $value) {
            $params .= chr(strlen($name)) . chr(strlen($value)) . $name . $value;
        }
        fwrite($socket, self::record(self::BEGIN, "\0\1\0\0\0\0\0\0"));
        fwrite($socket, self::record(self::PARAMS, $params) . self::record(self::PARAMS, ''));
        fwrite($socket, self::record(self::STDIN, ''));
        $answer = '';
        while (($head = stream_get_contents($socket, 8)) !== false && strlen($head) === 8) {
            ['type' => $type, 'length' => $length, 'padding' => $padding] = unpack('Cversion/Ctype/nid/nlength/Cpadding', $head);
            $body = $length + $padding > 0 ? stream_get_contents($socket, $length + $padding) : '';
            if ($type === self::STDOUT) {
                $answer .= substr((string) $body, 0, $length);
            }
        }
        fclose($socket);
        return $answer === '' ? null : $answer;
    }

    private static function record(int $type, string $body): string
    {
        return pack('CCnnCC', 1, $type, 1, strlen($body), 0, 0) . $body;
    }
}
