// From text to forms.

import { Integer, Pair, QUOTE, Value, fail, nil, symbol } from "./values";

export class Reader {
  private at: i32 = 0;

  constructor(private text: string) {}

  /** Whether there is another form. */
  more(): bool {
    while (this.at < this.text.length) {
      const unit = this.text.charCodeAt(this.at);
      if (unit == 0x3b) {
        while (this.at < this.text.length && this.text.charCodeAt(this.at) != 0x0a) this.at++;
      } else if (!blank(unit)) {
        return true;
      } else {
        this.at++;
      }
    }
    return false;
  }

  form(): Value {
    if (!this.more()) fail("the text ends in a form");
    const unit = this.text.charCodeAt(this.at);
    if (unit == 0x27) {
      this.at++;
      return new Pair(QUOTE, new Pair(this.form(), nil));
    }
    if (unit == 0x29) fail("`)` without `(`");
    if (unit != 0x28) return this.atom();
    this.at++;
    return this.list();
  }

  private list(): Value {
    const items: Value[] = [];
    let tail: Value = nil;
    while (true) {
      if (!this.more()) fail("the text ends in a list");
      if (this.text.charCodeAt(this.at) == 0x29) break;
      if (this.dot()) {
        this.at++;
        tail = this.form();
      } else {
        items.push(this.form());
      }
    }
    this.at++;
    for (let i = items.length - 1; i >= 0; i--) tail = new Pair(items[i], tail);
    return tail;
  }

  /** Whether a dot by itself stands here. */
  private dot(): bool {
    if (this.text.charCodeAt(this.at) != 0x2e) return false;
    return this.at + 1 == this.text.length || ends(this.text.charCodeAt(this.at + 1));
  }

  private atom(): Value {
    const start = this.at;
    while (this.at < this.text.length && !ends(this.text.charCodeAt(this.at))) this.at++;
    const name = this.text.substring(start, this.at);
    let digits = name.length;
    let value = 0;
    for (let i = name.charCodeAt(0) == 0x2d ? 1 : 0; i < name.length; i++) {
      const unit = name.charCodeAt(i);
      if (unit < 0x30 || unit > 0x39) return symbol(name);
      value = value * 10 + unit - 0x30;
      digits = 0;
    }
    if (digits > 0) return symbol(name);
    return new Integer(name.charCodeAt(0) == 0x2d ? -value : value);
  }
}

function blank(unit: i32): bool {
  return unit == 0x20 || unit == 0x0a || unit == 0x0d || unit == 0x09;
}

function ends(unit: i32): bool {
  return blank(unit) || unit == 0x28 || unit == 0x29 || unit == 0x27 || unit == 0x3b;
}
