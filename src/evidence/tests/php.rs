use super::{Language, check, shown};

#[test]
fn programs_that_php_starts() {
    check(
        "index.php",
        Language::Php,
        &[
            ("<?php\n$v = exec('git describe --tags');\n", &["sh: git"]),
            ("<?php echo shell_exec(\"convert $a {$b['c']} out.png\"); ?>", &["sh: convert"]),
            ("<?= `uptime` ?>", &["sh: uptime"]),
            ("<?php\n$cmd = 'ffmpeg -i ' . escapeshellarg($f);\nsystem($cmd);\n", &["sh: ffmpeg"]),
            ("<?php\nfunction run($cmd) {\n  passthru($cmd);\n}\n", &["sh: ?"]),
            ("<?php\n$p = proc_open(['tar', 'x'], $d, $pipes);\n", &["tar"]),
            ("<?php\n$p = proc_open('tar x', $d, $pipes);\n", &["sh: tar"]),
            (
                "<?php\nuse Symfony\\Component\\Process\\Process;\n$p = new Process(['git', 'log']);\n",
                &["git"],
            ),
            ("<?php\n$p = Process::fromShellCommandline('ls | wc');\n", &["sh: ls", "sh: wc"]),
            ("<?php\npopen(sprintf('gs -q %s', $f), 'r');\n", &["sh: gs"]),
            ("<?php\n\\mail($to, $s, $t);\n", &["sendmail"]),
            ("<?php\n$c = 'git';\n$c .= ' log';\nexec($c);\n", &["sh: ?"]),
        ],
    );
}

#[test]
fn what_only_looks_like_it() {
    check(
        "index.php",
        Language::Php,
        &[
            ("<p>`ls` exec('git')</p>", &[]),
            ("<?php $db->exec('SELECT 1'); PDO::exec('x'); curl_exec($c); ?> system('ls')", &[]),
            ("<?php\n// exec('git')\n# system('x')\n/* passthru('y') */\n", &[]),
            ("<?php\n#[Attribute]\nfunction exec($a) {}\n", &[]),
            ("<?php\n$s = \"a `ls` b\";\n$t = 'system(\"x\")';\n", &[]),
            ("<?php\n$s = <<<'EOT'\nexec('git');\n  EOT;\n$t = 1;\n", &[]),
            ("<?php // comment ?> exec('x') <?php\n$a = 1;\n", &[]),
        ],
    );
}

#[test]
fn texts_without_an_end_are_bounded() {
    for text in ["<?php \"{$", "<?php `", "<?php <<<A\n", "<?php '", "<?php /*", "<?php \"$a["] {
        let (_, evidence) = shown(&[("a.php", &text.repeat(2_000))], Language::Php);
        assert!(evidence.spawns.len() < 10_000, "{text}");
    }
}
