// Never compiled, never run: see README.md.
// For the app registration, beside what API v2.0 itself needs. It grants no write on bank accounts.
permissionset 50100 "EA PAYABLES"
{
    Assignable = true;
    Caption = 'erp-agent payables';
    Permissions =
        page "EA Vendor Bank Accounts" = X,
        page "EA Vendor Ledger Entries" = X,
        page "EA Receipt Lines" = X,
        codeunit "EA Order Work" = X,
        tabledata "Vendor Bank Account" = R,
        tabledata "Vendor Ledger Entry" = RM,
        tabledata "Purch. Rcpt. Header" = RI,
        tabledata "Purch. Rcpt. Line" = RIM,
        tabledata "Purchase Header" = RIMD,
        tabledata "Purchase Line" = RIMD;
}
