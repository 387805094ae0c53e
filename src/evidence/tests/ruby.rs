use super::{Language, check, shown};

#[test]
fn programs_that_ruby_starts() {
    check(
        "app.rb",
        Language::Ruby,
        &[
            ("system(\"git\", \"log\")", &["git"]),
            ("system \"git\", \"log\" if cond", &["git"]),
            ("x = `git rev-parse HEAD`.strip", &["git"]),
            ("`git log | head -1`", &["sh: git", "sh: head"]),
            ("`git log #{sha}`", &["sh: git"]),
            ("out = %x(convert #{a} #{b})", &["sh: convert"]),
            ("%x{uname}", &["uname"]),
            (
                "require 'open3'\nout, err, st = Open3.capture3(\"ffmpeg\", \"-i\", path, chdir: dir)\n",
                &["ffmpeg"],
            ),
            ("Open3.popen3('ls -l') do |i, o, e, t|\n  puts o.read\nend\n", &["ls"]),
            ("IO.popen(['tar', 'xf', name]) { |io| io.read }", &["tar"]),
            ("IO.popen [\"tar\", \"xf\", name]", &["tar"]),
            ("system(*%w[bundle exec rake])", &["bundle"]),
            ("system({ 'A' => 'b' }, 'git status')", &["git"]),
            ("pid = spawn(\"ruby worker.rb\", :out => :err)", &["ruby"]),
            ("Process.spawn env, \"node\", \"x.js\"", &["?"]),
            ("Kernel.exec('bash', '-c', 'curl x')", &["sh: bash", "sh: curl"]),
            ("::Kernel.system('id')", &["id"]),
            ("TOOL = '/usr/bin/pdftk'\ndef fill(a)\n  system TOOL, a\nend\n", &["/usr/bin/pdftk"]),
            ("def run(cmd)\n  system(cmd)\nend\n", &["sh: ?"]),
            ("cmd = 'git'\ndef run(cmd)\n  exec cmd\nend\n", &["sh: ?"]),
            ("system <<~CMD\n  git log\n  `ls`\nCMD\nsystem 'id'\n", &["sh: ?", "id"]),
        ],
    );
}

#[test]
fn what_only_looks_like_it() {
    check(
        "app.rb",
        Language::Ruby,
        &[
            ("conn.exec(\"SELECT 1\")\nconn.exec 'SELECT 2'\n", &[]),
            ("def system(command)\n  1\nend\n", &[]),
            ("# `git log`\n=begin\nsystem('ls')\n=end\nx = 1\n", &[]),
            ("a = b / c; d = \"`\" / 2\n", &[]),
            ("x =~ /`ls`/ and y.split(/'/)", &[]),
            ("s = 'a `ls` b'\nt = %q{system(`x`)}\n", &[]),
            ("h = { exec: 'git', :system => 'ls' }", &[]),
            ("delegate :exec, :system, to: :runner", &[]),
            ("c = ?\"\nx = $'\ny = \"a\" ? 'b' : 'c'\n", &[]),
            ("__END__\n`ls`\n", &[]),
            ("sql = <<-SQL\n  `users`\nSQL\n", &[]),
        ],
    );
}

#[test]
fn gems_that_need_programs() {
    let gemfile = "source 'https://rubygems.org'\ngem 'rails', '~> 8.0'\ngem \"mini_magick\"\ngroup :development, :test do\n  gem 'ferrum'\nend\ngem 'git', group: :test\ngem 'wicked_pdf'\ngem 'wkhtmltopdf-binary'\n";
    let (lines, evidence) = shown(&[("Gemfile", gemfile), ("app.rb", "require 'json'\n")], Language::Ruby);
    assert_eq!(lines, ["convert"]);
    assert!(evidence.imports.contains("rails") && evidence.imports.contains("json"));
    assert!(!evidence.imports.contains("ferrum"));
}

#[test]
fn texts_without_an_end_are_bounded() {
    for text in ["%w[", "\"#{", "`", "<<~A\n", "(/\\", "%q(((", "system \"a\"", "system %w(", "x = ?"] {
        let (_, evidence) = shown(&[("app.rb", &text.repeat(2_000))], Language::Ruby);
        assert!(evidence.spawns.len() < 10_000, "{text}");
    }
}
