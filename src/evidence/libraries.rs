//! Libraries that start a program which does not come with them.

use std::collections::BTreeSet;

use super::Language;

/// A library, and the program it cannot do without.
pub(super) struct Library {
    pub language: Language,
    /// As it is imported; in Go and Java also what is below it.
    pub module: &'static str,
    pub program: &'static str,
    /// Why: what the library does with it.
    pub reason: &'static str,
    /// Packages that bring the program along.
    pub brought_by: &'static [&'static str],
}

const fn node(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Node, module, program, reason, brought_by: &[] }
}

const fn python(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Python, module, program, reason, brought_by: &[] }
}

const fn java(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Java, module, program, reason, brought_by: &[] }
}

const fn go(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Go, module, program, reason, brought_by: &[] }
}

const fn dotnet(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Dotnet, module, program, reason, brought_by: &[] }
}

const fn ruby(module: &'static str, program: &'static str, reason: &'static str) -> Library {
    Library { language: Language::Ruby, module, program, reason, brought_by: &[] }
}

/// A gem that runs JavaScript, by which interpreter the others among its kind bring.
const fn javascript(module: &'static str) -> Library {
    let reason = "it runs JavaScript through execjs, which looks for an interpreter when it is loaded";
    Library { brought_by: &["mini_racer", "therubyracer", "duktape"], ..ruby(module, "node", reason) }
}

const FFMPEG_PACKAGES: &[&str] = &["ffmpeg-static", "@ffmpeg-installer/ffmpeg", "ffmpeg-ffprobe-static"];

/// What is known; a library is here only if its purpose, not a rare option, needs the program.
pub(super) const LIBRARIES: &[Library] = &[
    node("simple-git", "git", "simple-git runs git for every call"),
    node("simple-git/promise", "git", "simple-git runs git for every call"),
    Library {
        brought_by: FFMPEG_PACKAGES,
        ..node("fluent-ffmpeg", "ffmpeg", "fluent-ffmpeg builds command lines for ffmpeg and ffprobe")
    },
    node("puppeteer", "chrome", "puppeteer drives a browser, whose libraries the image needs"),
    node("puppeteer-core", "chrome", "puppeteer-core drives a browser"),
    node("puppeteer-extra", "chrome", "puppeteer-extra drives a browser"),
    node("playwright", "chrome", "playwright drives a browser, whose libraries the image needs"),
    node("playwright-core", "chrome", "playwright-core drives a browser"),
    node("playwright-chromium", "chrome", "playwright drives a browser, whose libraries the image needs"),
    node("chrome-launcher", "chrome", "chrome-launcher starts a browser"),
    node("phantomjs-prebuilt", "phantomjs", "phantomjs-prebuilt starts PhantomJS, which needs fontconfig"),
    node("html-pdf", "phantomjs", "html-pdf prints with PhantomJS"),
    node("gm", "gm", "gm runs GraphicsMagick or ImageMagick for every call"),
    node("imagemagick", "convert", "imagemagick runs convert and identify"),
    node("pdf2pic", "gm", "pdf2pic runs GraphicsMagick and Ghostscript"),
    node("node-poppler", "pdftocairo", "node-poppler runs the programs of poppler-utils"),
    node("pdf-poppler", "pdftocairo", "pdf-poppler runs the programs of poppler-utils"),
    node("wkhtmltopdf", "wkhtmltopdf", "wkhtmltopdf runs the program of its name"),
    node("node-tesseract-ocr", "tesseract", "node-tesseract-ocr runs tesseract"),
    node("libreoffice-convert", "soffice", "libreoffice-convert runs LibreOffice"),
    node("exiftool-vendored", "perl", "exiftool-vendored runs ExifTool, which is written in Perl"),
    node("node-exiftool", "exiftool", "node-exiftool runs exiftool"),
    node("youtube-dl-exec", "python3", "youtube-dl-exec runs yt-dlp, which is written in Python"),
    node("systeminformation", "sh", "systeminformation asks lsblk, ip, ps and others through a shell"),
    node("node-machine-id", "sh", "node-machine-id reads the machine's id through a shell"),
    node("check-disk-space", "df", "check-disk-space runs df"),
    node("node-disk-info", "df", "node-disk-info runs df"),
    node("default-gateway", "ip", "default-gateway runs ip route"),
    node("tree-kill", "ps", "tree-kill finds children with ps"),
    node("ps-tree", "ps", "ps-tree runs ps"),
    node("ps-node", "ps", "ps-node runs ps"),
    node("find-process", "ps", "find-process runs ps and netstat"),
    node("ping", "ping", "ping runs the program of its name"),
    node("open", "xdg-open", "open runs xdg-open"),
    node("mongodb-backup", "mongodump", "mongodb-backup runs mongodump"),
    python("git", "git", "GitPython runs git, and looks for it when it is imported"),
    python("hglib", "hg", "hglib talks to a Mercurial that it starts"),
    python("pdfkit", "wkhtmltopdf", "pdfkit runs wkhtmltopdf"),
    python("imgkit", "wkhtmltoimage", "imgkit runs wkhtmltoimage"),
    python("wkhtmltopdf", "wkhtmltopdf", "wkhtmltopdf runs the program of its name"),
    python("pytesseract", "tesseract", "pytesseract runs tesseract"),
    python("ffmpeg", "ffmpeg", "ffmpeg-python builds command lines for ffmpeg"),
    python("pydub", "ffmpeg", "pydub decodes with ffmpeg"),
    python("whisper", "ffmpeg", "whisper decodes audio with ffmpeg"),
    python("pdf2image", "pdftoppm", "pdf2image runs pdftoppm of poppler-utils"),
    python("pypandoc", "pandoc", "pypandoc runs pandoc"),
    python("graphviz", "dot", "graphviz lays out with dot"),
    python("pydot", "dot", "pydot lays out with dot"),
    python("textract", "antiword", "textract runs antiword, pdftotext and others"),
    python("nmap", "nmap", "python-nmap runs nmap"),
    python("delegator", "sh", "delegator runs command lines"),
    python("envoy", "sh", "envoy runs command lines"),
    python("playwright", "chrome", "playwright drives a browser, whose libraries the image needs"),
    python("pyppeteer", "chrome", "pyppeteer drives a browser"),
    python("selenium", "chrome", "selenium drives a browser"),
    python("undetected_chromedriver", "chrome", "undetected_chromedriver drives a browser"),
    python("pyvirtualdisplay", "Xvfb", "pyvirtualdisplay starts Xvfb"),
    python("pyspark", "java", "pyspark starts a Java virtual machine"),
    python("tabula", "java", "tabula-py runs a Java program"),
    python("tika", "java", "tika starts a Java server"),
    python("jpype", "java", "jpype loads a Java virtual machine"),
    python("konlpy", "java", "konlpy loads a Java virtual machine"),
    python("language_tool_python", "java", "language_tool_python starts a Java server"),
    python("execjs", "node", "PyExecJS runs a JavaScript interpreter"),
    python("ansible_runner", "ansible-playbook", "ansible_runner runs ansible"),
    python("sox", "sox", "sox runs the program of its name"),
    java("net.bramp.ffmpeg", "ffmpeg", "ffmpeg-cli-wrapper runs ffmpeg and ffprobe"),
    java("org.im4java", "convert", "im4java runs ImageMagick"),
    java("org.openqa.selenium", "chrome", "selenium drives a browser"),
    java(
        "com.microsoft.playwright",
        "chrome",
        "playwright drives a browser, whose libraries the image needs",
    ),
    java("com.github.jhonnymertz.wkhtmltopdf", "wkhtmltopdf", "java-wkhtmltopdf-wrapper runs wkhtmltopdf"),
    java("org.jodconverter", "soffice", "jodconverter starts LibreOffice"),
    javascript("execjs"),
    javascript("uglifier"),
    javascript("terser"),
    javascript("coffee-rails"),
    javascript("coffee-script"),
    javascript("autoprefixer-rails"),
    javascript("react-rails"),
    ruby("mini_magick", "convert", "mini_magick runs ImageMagick for every call"),
    ruby("paperclip", "convert", "paperclip runs ImageMagick and file"),
    ruby("terrapin", "sh", "terrapin runs command lines"),
    ruby("cocaine", "sh", "cocaine runs command lines"),
    Library {
        brought_by: &["wkhtmltopdf-binary", "wkhtmltopdf-heroku"],
        ..ruby("wicked_pdf", "wkhtmltopdf", "wicked_pdf runs wkhtmltopdf")
    },
    Library {
        brought_by: &["wkhtmltopdf-binary", "wkhtmltopdf-heroku"],
        ..ruby("pdfkit", "wkhtmltopdf", "pdfkit runs wkhtmltopdf")
    },
    ruby("grover", "node", "grover prints with puppeteer"),
    ruby("ferrum", "chrome", "ferrum drives a browser"),
    ruby("cuprite", "chrome", "cuprite drives a browser"),
    ruby("streamio-ffmpeg", "ffmpeg", "streamio-ffmpeg runs ffmpeg and ffprobe"),
    ruby("git", "git", "the gem git runs the program of its name"),
    ruby("ruby-graphviz", "dot", "ruby-graphviz lays out with dot"),
    ruby("rtesseract", "tesseract", "rtesseract runs tesseract"),
    ruby("pandoc-ruby", "pandoc", "pandoc-ruby runs pandoc"),
    ruby("docsplit", "soffice", "docsplit runs LibreOffice, pdftk and others"),
    ruby("foreman", "sh", "foreman starts the processes of a Procfile through a shell"),
    go("github.com/go-rod/rod", "chrome", "rod drives a browser"),
    go("github.com/chromedp/chromedp", "chrome", "chromedp drives a browser"),
    go("github.com/playwright-community/playwright-go", "chrome", "playwright-go drives a browser"),
    go("github.com/SebastiaanKlippert/go-wkhtmltopdf", "wkhtmltopdf", "go-wkhtmltopdf runs wkhtmltopdf"),
    go("github.com/u2takey/ffmpeg-go", "ffmpeg", "ffmpeg-go builds command lines for ffmpeg"),
    go("github.com/xfrr/goffmpeg", "ffmpeg", "goffmpeg runs ffmpeg"),
    go("github.com/gogs/git-module", "git", "git-module runs git for every call"),
    go("code.gitea.io/git", "git", "gitea's git package runs git for every call"),
    go("github.com/Masterminds/vcs", "git", "vcs runs git, hg, svn and bzr"),
    go("github.com/hashicorp/terraform-exec/tfexec", "terraform", "tfexec runs terraform"),
    go("github.com/pkg/browser", "xdg-open", "browser runs xdg-open"),
    go("github.com/skratchdot/open-golang/open", "xdg-open", "open-golang runs xdg-open"),
    go("mvdan.cc/sh/v3/interp", "sh", "interp runs shell scripts, whose programs are not known"),
    dotnet("PuppeteerSharp", "chrome", "PuppeteerSharp drives a browser, whose libraries the image needs"),
    dotnet("Microsoft.Playwright", "chrome", "Playwright drives a browser, whose libraries the image needs"),
    dotnet("OpenQA.Selenium", "chrome", "Selenium drives a browser"),
    dotnet("FFMpegCore", "ffmpeg", "FFMpegCore builds command lines for ffmpeg"),
    dotnet("Xabe.FFmpeg", "ffmpeg", "Xabe.FFmpeg runs ffmpeg"),
    dotnet("Rotativa.AspNetCore", "wkhtmltopdf", "Rotativa runs wkhtmltopdf"),
    dotnet("Wkhtmltopdf.NetCore", "wkhtmltopdf", "Wkhtmltopdf.NetCore runs wkhtmltopdf"),
];

/// The libraries among `module` that need a program; `imports` are all that the application imports.
pub(super) fn needing<'l>(
    language: Language,
    module: &'l str,
    imports: &'l BTreeSet<String>,
) -> impl Iterator<Item = &'static Library> + 'l {
    LIBRARIES.iter().filter(move |library| {
        let below = module.strip_prefix(library.module);
        library.language == language
            && below.is_some_and(|rest| rest.is_empty() || is_below(language, rest))
            && !library.brought_by.iter().any(|package| imports.contains(*package))
    })
}

/// Whether what follows a library's name leads to a part of it.
fn is_below(language: Language, rest: &str) -> bool {
    match language {
        Language::Go => rest.starts_with('/'),
        Language::Dotnet | Language::Java => rest.starts_with('.'),
        Language::Node | Language::Python | Language::Rust | Language::C | Language::Ruby | Language::Php => {
            false
        }
    }
}
